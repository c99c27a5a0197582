/*
 * Where things lie in the memory of n-grams of languages, for tables of at most `MAX_LABELS` labels. The host writes the
 * table (`src/lid/ngrams.ts`) and says where its parts lie.
 */

/** Most units of an n-gram that is no whole word. */
export const LONGEST: i32 = 4;
/** Hashes are FNV-1a of UTF-16 units, words with a start of their own, mixed at last as MurmurHash3 does. */
export const HASH_START: i32 = -2128831035;
export const WORD_START: i32 = 789269575;
export const HASH_FACTOR: i32 = 16777619;
export const FIRST_MIXER: i32 = -2048144789;
export const SECOND_MIXER: i32 = -1028477387;
/** Buckets of n-grams are the bits of their hash that stand in this. */
export const BUCKET_MASK: i32 = 16777215;
/** Of a text no more UTF-16 units than this are looked at. */
export const MOST_UNITS: i32 = 2000;
export const MAX_LABELS: i32 = 1024;
/** N-grams with more labels than this have a dense row. */
export const MOST_SPARSE: i32 = 64;
/** Labels of which `addBlocks` adds a dense row's bytes at once; rows are a multiple of it. */
export const BLOCK: i32 = 64;
/** After so many dense rows the sums, 16 bits each, could be too great. */
export const MOST_WAITING: i32 = 256;

/** Of the table: bytes of a dense row, and where dense rows, places and entries lie. */
export const ROW_LENGTH: i32 = 1024;
export const ROWS_PLACE: i32 = 1028;
export const PLACES_PLACE: i32 = 1032;
export const ENTRIES_PLACE: i32 = 1036;
/** Addresses of dense rows that wait to be added. */
export const WAITING: i32 = 2048;
/** Of each label the sum of its weights, 32 bits. */
export const SUMS: i32 = 4096;
/** The text in UTF-16. */
export const TEXT: i32 = 8192;
export const TEXT_BYTES: i32 = MOST_UNITS * 2;
/** Buckets of the text's n-grams, then their places: at most five for each unit, so 40,000 bytes. */
export const NGRAMS: i32 = 12288;
/** Of each 32 buckets a bit for those that the table has, and how many it has before. */
export const BUCKET_BITS: i32 = 65536;
export const BUCKET_BITS_BYTES: i32 = 4194304;
/**
 * The parts of the table: dense rows; of each n-gram its place, which is the number of its dense row with the highest bit set,
 * or the number of its first entry times 128 and how many it has; of each entry its label and its weight, 16 bits each.
 */
export const TABLE: i32 = 4259840;
export const DENSE: i32 = -2147483648;
export const COUNT_BITS: i32 = 7;
export const MOST_ENTRIES: i32 = 16777216;
