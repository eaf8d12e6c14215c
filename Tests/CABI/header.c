// Only the header, twice: compiled by every compiler and language version that it promises to suit, with every warning.
#include <smg.h>
#include <smg.h>

// Pinned: the layout and the numbers are part of the binary interface.
#if defined(__cplusplus)
#define ASSERT(condition, text) static_assert(condition, text)
#else
#define ASSERT_NAME(line) smg_assertion_##line
#define ASSERT_LINE(condition, line) typedef char ASSERT_NAME(line)[(condition) ? 1 : -1]
#define ASSERT_AT(condition, line) ASSERT_LINE(condition, line)
#define ASSERT(condition, text) ASSERT_AT(condition, __LINE__)
#endif

ASSERT(sizeof(smg_status) == 4, "a status has 32 bits");
ASSERT(sizeof(smg_bytes) == 2 * sizeof(void *), "bytes are an address and a length");
ASSERT(sizeof(smg_buffer) == 2 * sizeof(void *), "a buffer is an address and a length");
ASSERT(offsetof(smg_bytes, data) == 0 && offsetof(smg_bytes, len) == sizeof(void *), "the address comes first");
ASSERT(offsetof(smg_buffer, data) == 0 && offsetof(smg_buffer, len) == sizeof(void *), "the address comes first");
ASSERT(SMG_OK == 0 && SMG_E_ARGUMENT == -100 && SMG_E_STATE == -101 && SMG_E_FORKED == -102, "1xx");
ASSERT(SMG_E_CONFIG == -200 && SMG_E_CONFIG_SYNTAX == -201 && SMG_E_CONFIG_OPTION == -202, "2xx");
ASSERT(SMG_E_CONFIG_VALUE == -203 && SMG_E_CONFIG_CONFLICT == -204 && SMG_E_CONFIG_FILE == -205, "2xx");
ASSERT(SMG_E_NETWORK == -300 && SMG_E_ADDRESS_IN_USE == -301 && SMG_E_NAME_NOT_RESOLVED == -302, "3xx");
ASSERT(SMG_E_PERMISSION == -303 && SMG_E_TLS == -304, "3xx");
ASSERT(SMG_E_WORKER == -400 && SMG_E_WORKER_NOT_FOUND == -401 && SMG_E_WORKER_EXISTS == -402, "4xx");
ASSERT(SMG_E_WORKER_INVALID == -403, "4xx");
ASSERT(SMG_E_LIMIT == -500 && SMG_E_TIMEOUT == -600 && SMG_E_INTERNAL == -700, "5xx to 7xx");

int header_use(void);

int header_use(void) { return (int)smg_bytes_of("four").len; }
