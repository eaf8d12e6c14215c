/* Written by scripts/gen-unicode. Do not edit. */
#pragma once
#include <stdint.h>

extern const uint16_t cunicodedata_records[];
static inline const uint16_t *cunicode_records(void) { return cunicodedata_records; }
static inline uint32_t cunicode_records_count(void) { return 8704; }
extern const uint16_t cunicodedata_record_blocks[];
static inline const uint16_t *cunicode_record_blocks(void) { return cunicodedata_record_blocks; }
static inline uint32_t cunicode_record_blocks_count(void) { return 46592; }
extern const uint8_t cunicodedata_record_hugging_face[];
static inline const uint8_t *cunicode_record_hugging_face(void) { return cunicodedata_record_hugging_face; }
static inline uint32_t cunicode_record_hugging_face_count(void) { return 931; }
extern const uint16_t cunicodedata_record_python[];
static inline const uint16_t *cunicode_record_python(void) { return cunicodedata_record_python; }
static inline uint32_t cunicode_record_python_count(void) { return 931; }
extern const uint8_t cunicodedata_record_script[];
static inline const uint8_t *cunicode_record_script(void) { return cunicodedata_record_script; }
static inline uint32_t cunicode_record_script_count(void) { return 931; }
extern const uint8_t cunicodedata_record_cluster[];
static inline const uint8_t *cunicode_record_cluster(void) { return cunicodedata_record_cluster; }
static inline uint32_t cunicode_record_cluster_count(void) { return 931; }
extern const uint32_t cunicodedata_record_lower[];
static inline const uint32_t *cunicode_record_lower(void) { return cunicodedata_record_lower; }
static inline uint32_t cunicode_record_lower_count(void) { return 931; }
extern const uint32_t cunicodedata_record_upper[];
static inline const uint32_t *cunicode_record_upper(void) { return cunicodedata_record_upper; }
static inline uint32_t cunicode_record_upper_count(void) { return 931; }
extern const uint32_t cunicodedata_record_title[];
static inline const uint32_t *cunicode_record_title(void) { return cunicodedata_record_title; }
static inline uint32_t cunicode_record_title_count(void) { return 931; }
extern const uint32_t cunicodedata_case_expansions[];
static inline const uint32_t *cunicode_case_expansions(void) { return cunicodedata_case_expansions; }
static inline uint32_t cunicode_case_expansions_count(void) { return 304; }
