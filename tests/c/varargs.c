// Variable arguments: a small formatter, and sums over arguments of several types.
#include <stdarg.h>
#include "export.h"

static char text[512];

static char *digits(char *out, uint64_t value, unsigned base) {
  char reversed[70];
  int count = 0;
  do reversed[count++] = "0123456789abcdef"[value % base];
  while (value /= base);
  while (count) *out++ = reversed[--count];
  return out;
}

static int format(const char *pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  char *out = text;
  for (; *pattern; pattern++) {
    if (*pattern != '%') {
      *out++ = *pattern;
      continue;
    }
    switch (*++pattern) {
      case 'd': {
        int64_t value = va_arg(arguments, int);
        if (value < 0) *out++ = '-';
        out = digits(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
        break;
      }
      case 'x': out = digits(out, va_arg(arguments, unsigned), 16); break;
      case 'l': out = digits(out, va_arg(arguments, uint64_t), 10); break;
      case 'o': out = digits(out, va_arg(arguments, uint64_t), 8); break;
      case 'f': {
        double value = va_arg(arguments, double);
        if (value != value) { *out++ = '?'; break; }
        if (value < 0) { *out++ = '-'; value = -value; }
        if (value > 1e15) { *out++ = '!'; break; }
        out = digits(out, (uint64_t)value, 10);
        *out++ = '.';
        out = digits(out, (uint64_t)((value - (double)(uint64_t)value) * 1000), 10);
        break;
      }
      case 'c': *out++ = (char)va_arg(arguments, int); break;
      case 's':
        for (const char *s = va_arg(arguments, const char *); *s; s++) *out++ = *s;
        break;
      default: *out++ = '%';
    }
  }
  va_end(arguments);
  *out = 0;
  return (int)(out - text);
}

static uint64_t hash(int length) {
  uint64_t result = 0;
  for (int i = 0; i < length; i++) result = result * 131 + (uint8_t)text[i];
  return result;
}

uint64_t EXPORT(formatted)(int32_t a, uint64_t b, double c) {
  return hash(format("%d|%x|%l|%o|%f|%s|%c%%", a, a, b, b, c, "text", 'A' + (a & 15)));
}

static int64_t total(int count, ...) {
  va_list arguments, again;
  va_start(arguments, count);
  va_copy(again, arguments);
  uint64_t sum = 0;
  for (int i = 0; i < count; i++) sum += (uint64_t)va_arg(arguments, int64_t);
  for (int i = 0; i < count; i++) sum = sum * 3 + (uint64_t)va_arg(again, int64_t);
  va_end(again);
  va_end(arguments);
  return (int64_t)sum;
}
int64_t EXPORT(totals)(int64_t a, int64_t b, int64_t c) { return total(3, a, b, c) ^ total(1, b) ^ total(0) ^ total(5, c, a, b, c, a); }
