// Fills in templates: {{name}} is replaced by what the host knows under that name.
//
// The host writes a template to input(), calls render(length) and reads as many bytes from output(). For each name the
// program calls the host back, which writes the value into this program's memory. No library is needed.
#define EXPORT(name) __attribute__((export_name(#name))) name
#define IMPORT(name) __attribute__((import_module("env"), import_name(#name))) name

enum { CAPACITY = 65536 };
static unsigned char input_bytes[CAPACITY], output_bytes[CAPACITY];

// Writes the value of a name to `to`, at most `room` bytes, and returns its length.
unsigned IMPORT(lookup)(const unsigned char *name, unsigned length, unsigned char *to, unsigned room);

unsigned char *EXPORT(input)(void) { return input_bytes; }
unsigned char *EXPORT(output)(void) { return output_bytes; }

// Length of the name in braces at `from`, or -1 if there is none.
static int name_length(const unsigned char *from, const unsigned char *end) {
  if (end - from < 4 || from[0] != '{' || from[1] != '{') return -1;
  for (const unsigned char *at = from + 2; at + 1 < end; at++) {
    if (at[0] == '}' && at[1] == '}') return (int)(at - from) - 2;
  }
  return -1;
}

unsigned EXPORT(render)(unsigned length) {
  if (length > CAPACITY) __builtin_trap();
  const unsigned char *from = input_bytes, *end = input_bytes + length;
  unsigned char *to = output_bytes;
  while (from < end && to < output_bytes + CAPACITY) {
    int name = name_length(from, end);
    if (name < 0) {
      *to++ = *from++;
    } else {
      unsigned room = (unsigned)(output_bytes + CAPACITY - to);
      unsigned written = lookup(from + 2, (unsigned)name, to, room);
      if (written > room) __builtin_trap();
      to += written;
      from += name + 4;
    }
  }
  return (unsigned)(to - output_bytes);
}

// CRC-32 of the input, as in zlib.
unsigned EXPORT(crc32)(unsigned length) {
  if (length > CAPACITY) __builtin_trap();
  unsigned crc = ~0u;
  for (unsigned i = 0; i < length; i++) {
    crc ^= input_bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}
