// The rules of the game: what happens when somebody goes somewhere. All that there is belongs to the host; kills are
// counted here, in variables of the plug-in, and make who has them stronger.
#include "extism.h"

#define GAME(name) HOST_FUNCTION("game", name)
// Actors are numbers; a place is y * 256 + x, -1 for who is dead.
GAME(place_of) int32_t place_of(int32_t actor);
GAME(tile_at) int32_t tile_at(int32_t place);
GAME(actor_at) int32_t actor_at(int32_t place);
GAME(is_player) int32_t is_player(int32_t actor);
GAME(strength_of) int32_t strength_of(int32_t actor);
GAME(name_of) handle name_of(int32_t actor);
GAME(put_at) void put_at(int32_t actor, int32_t place);
GAME(hurt) int32_t hurt(int32_t actor, int32_t points);
GAME(take_gold) int32_t take_gold(int32_t actor, int32_t place);
GAME(leave) void leave(int32_t actor);
GAME(roll) int32_t roll(int32_t sides);
GAME(tell) void tell(handle text);

static char line[256];
static size_t end;

static void add(const char *text) {
  while (*text && end < sizeof line) line[end++] = *text++;
}

static void add_name(int32_t actor) {
  handle name = name_of(actor);
  size_t length = extism_read(name, line + end, sizeof line - end);
  end = length < sizeof line - end ? end + length : sizeof line;
  extism_free(name);
}

static void add_number(int32_t number) {
  char digits[12], *at = digits + sizeof digits;
  *--at = 0;
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  add(at);
}

static void say(void) {
  tell(extism_block(line, end));
  end = 0;
}

static handle kills_name(int32_t actor) {
  end = 0;
  add("kills of "), add_number(actor);
  handle name = extism_block(line, end);
  end = 0;
  return name;
}

static int32_t kills_of(int32_t actor) {
  int32_t kills = 0;
  handle value = extism_var_get(kills_name(actor));
  if (value) {
    extism_read(value, &kills, sizeof kills);
    extism_free(value);
  }
  return kills;
}

static void fight(int32_t actor, int32_t other) {
  int32_t kills = kills_of(actor);
  int32_t points = strength_of(actor) + kills + roll(4) - 1;
  int32_t left = hurt(other, points);
  add_name(actor), add(" hits "), add_name(other), add(" for "), add_number(points), say();
  if (left > 0) return;
  add_name(other), add(" dies"), say();
  kills++;
  extism_var_set(kills_name(actor), extism_block(&kills, sizeof kills));
}

// Input: an actor and where it goes, n, e, s or w; or a dot, for waiting.
PLUGIN_FUNCTION(act) {
  unsigned char input[2];
  if (extism_read(extism_input(), input, sizeof input) != 2) return extism_fail("an actor and a direction");
  int32_t actor = input[0], place = place_of(actor);
  if (place < 0) return extism_fail("the dead do not move");
  switch (input[1]) {
    case 'n': place -= 256; break;
    case 's': place += 256; break;
    case 'e': place += 1; break;
    case 'w': place -= 1; break;
    case '.': return 0;
    default: return extism_fail("no such direction");
  }
  int32_t tile = tile_at(place), other = actor_at(place);
  if (tile == '#') return extism_fail("a wall is in the way");
  if (other >= 0) {
    if (is_player(other) == is_player(actor)) return extism_fail("somebody is in the way");
    fight(actor, other);
    return 0;
  }
  put_at(actor, place);
  if (!is_player(actor)) return 0;
  if (tile == '$') {
    int32_t gold = take_gold(actor, place);
    add_name(actor), add(" finds "), add_number(gold), add(" pieces of gold"), say();
  }
  if (tile == '>') {
    add_name(actor), add(" leaves the dungeon"), say();
    leave(actor);
  }
  return 0;
}
