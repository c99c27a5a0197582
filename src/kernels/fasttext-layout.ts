/*
 * Where things lie in the memory of language identification, and the shape of the models that it takes, that of
 * lid.176.ftz. The host writes the model (`src/lid/fasttext-fast.ts`).
 */

/** A row: 16 numbers in float32. */
export const ROW_NUMBERS: i32 = 16;
export const ROW_BYTES: i32 = 64;
/** Fewest and most characters of an n-gram; the bucket of one is its hash modulo `BUCKETS`. */
export const SHORTEST: i32 = 2;
export const LONGEST: i32 = 4;
export const BUCKETS: i32 = 2000000;
/** At most so many rows, words among them, labels, and inner nodes on the way to a label. Numbers of rows take 16 bits. */
export const MAX_ROWS: i32 = 65536;
export const MAX_WORDS: i32 = 16384;
export const MAX_LABELS: i32 = 256;
export const MAX_DEPTH: i32 = 15;

/** How many labels there are, and how many words, whose rows come first. */
export const LABEL_COUNT: i32 = 1024;
export const WORD_COUNT: i32 = 1028;
/** The sum of a text's rows, then its mean. */
export const HIDDEN: i32 = 1088;
/** 2^(k/32), float64. */
export const POWERS: i32 = 1280;
/** The tree: of each inner node two children, 16 bits each, and a row. Numbers below `LABEL_COUNT` are leaves. */
export const CHILDREN: i32 = 2048;
export const NODES: i32 = 4096;
/** Of each inner node its right child's share, and nodes that wait to be visited (`fasttext-tree.ts`). */
export const SHARES: i32 = 20480;
export const FRONTIER: i32 = 22528;
/** Of each label the way to it: each inner node times two, plus one where it goes on to the right, then `PATH_END`. */
export const PATHS: i32 = 28672;
export const PATH_BYTES: i32 = 32;
export const PATH_END: i32 = 65535;
/** Buckets of a word's n-grams, 32 bits each, and room before. */
export const NGRAMS: i32 = 36928;
export const NGRAMS_BYTES: i32 = 4032;
/** A bit for each bucket that has a row, and for each 32 of them how many have one before; as many zeros follow the bits. */
export const BUCKET_BITS: i32 = 40960;
export const BUCKET_RANKS: i32 = 294912;
/** Known words: their addresses by hash, 32 bits each, and their records (`fasttext-words.ts`), at most up to the rows. */
export const WORD_SLOTS: i32 = 425984;
export const WORD_SLOTS_BYTES: i32 = 131072;
export const WORD_RECORDS: i32 = 557056;
/** Rows of words, then of the buckets that have one. */
export const ROWS: i32 = 1048576;
/** Words with their rows (`fasttext-cache.ts`). */
export const CACHE: i32 = 5242880;
export const CACHE_BYTES: i32 = 2097152;
/** Numbers of rows that wait to be added, 16 bits each. */
export const WAITING: i32 = 7340032;
export const WAITING_BYTES: i32 = 16384;
/** Of each text of a batch its end, its label, and in float32 its probability. */
export const BATCH: i32 = 1024;
export const TEXT_ENDS: i32 = 7356416;
export const TEXT_LABELS: i32 = 7360512;
export const TEXT_PROBABILITIES: i32 = 7364608;
/** The texts: a space, then each and a space behind it. 64 bytes at the end stay free. */
export const TEXTS: i32 = 7368704;
export const TEXTS_BYTES: i32 = 131072;
export const FASTTEXT_END: i32 = 7499776;
