// Assertions for the C programs: each counts, none ends the program.
#ifndef SMG_TEST_CHECK_H
#define SMG_TEST_CHECK_H

#include <stdio.h>
#include <string.h>

static int passed, failed;

// The condition holds.
#define CHECK(condition) check_note((condition) ? 1 : 0, #condition, __FILE__, __LINE__)

// Two integers are equal; both are shown if not.
#define CHECK_EQUAL(actual, expected) \
    check_equal((long long)(actual), (long long)(expected), #actual " == " #expected, __FILE__, __LINE__)

// Two C strings are equal; the first is shown if not.
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)

// The first C string contains the second.
#define CHECK_CONTAINS(actual, part) check_contains((actual), (part), #actual, __FILE__, __LINE__)

static inline void check_note(int holds, const char *text, const char *file, int line) {
    if (holds) {
        passed++;
    } else {
        failed++;
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    }
}

static inline void check_equal(long long actual, long long expected, const char *text, const char *file, int line) {
    if (actual != expected) fprintf(stderr, "    is %lld, should be %lld\n", actual, expected);
    check_note(actual == expected, text, file, line);
}

static inline void check_text(const char *actual, const char *expected, const char *text, const char *file, int line) {
    int same = actual && strcmp(actual, expected) == 0;
    if (!same) fprintf(stderr, "    is \"%s\", should be \"%s\"\n", actual ? actual : "(null)", expected);
    check_note(same, text, file, line);
}

static inline void check_contains(const char *actual, const char *part, const char *text, const char *file, int line) {
    int found = actual && strstr(actual, part) != NULL;
    if (!found) fprintf(stderr, "    \"%s\" lacks \"%s\"\n", actual ? actual : "(null)", part);
    check_note(found, text, file, line);
}

// Prints the count for the script; the program's exit status.
static inline int check_end(void) {
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}

#endif
