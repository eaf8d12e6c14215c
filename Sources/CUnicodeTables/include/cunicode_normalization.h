/* Written by scripts/gen-unicode. Do not edit. */
#pragma once
#include <stdint.h>

extern const uint16_t cunicodedata_normalization_properties[];
static inline const uint16_t *cunicode_normalization_properties(void) { return cunicodedata_normalization_properties; }
static inline uint32_t cunicode_normalization_properties_count(void) { return 1525; }
extern const uint16_t cunicodedata_normalization_properties_blocks[];
static inline const uint16_t *cunicode_normalization_properties_blocks(void) { return cunicodedata_normalization_properties_blocks; }
static inline uint32_t cunicode_normalization_properties_blocks_count(void) { return 17536; }
extern const uint16_t cunicodedata_normalization_canonical[];
static inline const uint16_t *cunicode_normalization_canonical(void) { return cunicodedata_normalization_canonical; }
static inline uint32_t cunicode_normalization_canonical_count(void) { return 1525; }
extern const uint16_t cunicodedata_normalization_canonical_blocks[];
static inline const uint16_t *cunicode_normalization_canonical_blocks(void) { return cunicodedata_normalization_canonical_blocks; }
static inline uint32_t cunicode_normalization_canonical_blocks_count(void) { return 6912; }
extern const uint16_t cunicodedata_normalization_compatible[];
static inline const uint16_t *cunicode_normalization_compatible(void) { return cunicodedata_normalization_compatible; }
static inline uint32_t cunicode_normalization_compatible_count(void) { return 997; }
extern const uint16_t cunicodedata_normalization_compatible_blocks[];
static inline const uint16_t *cunicode_normalization_compatible_blocks(void) { return cunicodedata_normalization_compatible_blocks; }
static inline uint32_t cunicode_normalization_compatible_blocks_count(void) { return 8320; }
extern const uint16_t cunicodedata_normalization_pool[];
static inline const uint16_t *cunicode_normalization_pool(void) { return cunicodedata_normalization_pool; }
static inline uint32_t cunicode_normalization_pool_count(void) { return 10439; }
extern const uint32_t cunicodedata_normalization_pairs[];
static inline const uint32_t *cunicode_normalization_pairs(void) { return cunicodedata_normalization_pairs; }
static inline uint32_t cunicode_normalization_pairs_count(void) { return 6144; }
