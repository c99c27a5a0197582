/** The steps that bring a database of an older version to `db/schema.sql`; a step, once released, is never changed. */

/** A change that brings a database from the version before `version` to it. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** Version 2: lists of groups, pools, counts, samples, draws and thresholds. */
const POOLS = `
-- What captions of one LID group meet: the union of the current lists of its editions at one time. An entry's id is its
-- position: by source, then the best rank that an edition gives it there, then code point; a list of one edition is its
-- build's. Counts belong to a list and to no other.
CREATE TABLE group_list (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL CHECK (length(name) = 64), -- SHA-256 of the entries in order, in UTF-8, a line feed after each
  lid_group  TEXT NOT NULL,                         -- the code of the edition that leads it, or 'other'
  scheme     TEXT,                                  -- of 'other': the labelling scheme that cannot name its editions
  profile    TEXT NOT NULL CHECK (profile IN ('corrected', 'reference')),
  entries    INTEGER NOT NULL CHECK (entries >= 0),
  made       TEXT NOT NULL,
  CHECK ((lid_group = 'other') = (scheme IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX group_list_name ON group_list (name, lid_group, ifnull(scheme, ''), profile);
CREATE INDEX group_list_group ON group_list (lid_group, profile);

-- The editions of a list's group and the builds whose entries it unites; an edition may have had none.
CREATE TABLE group_list_edition (
  list      INTEGER NOT NULL REFERENCES group_list (id) ON DELETE CASCADE,
  edition   TEXT NOT NULL REFERENCES edition (code),
  build     INTEGER REFERENCES build (id),
  PRIMARY KEY (list, edition)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_list_build ON group_list_edition (build);

-- Where the entries of a list of several builds stand; a list of one build has that build's entries and ids.
CREATE TABLE group_entry (
  list   INTEGER NOT NULL REFERENCES group_list (id) ON DELETE CASCADE,
  id     INTEGER NOT NULL CHECK (id >= 0),          -- position in the list
  build  INTEGER NOT NULL,
  entry  INTEGER NOT NULL,                          -- its id in the build
  PRIMARY KEY (list, id)
) STRICT, WITHOUT ROWID;

-- Captions that are counted together.
CREATE TABLE pool (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  name      TEXT NOT NULL UNIQUE CHECK (name <> ''),
  created   TEXT NOT NULL,
  settings  TEXT NOT NULL CHECK (json_valid(settings)) -- how its files are read: names of fields, labelling scheme, …
) STRICT;

-- The files of a pool; what they hold is in it once, whatever they are called.
CREATE TABLE pool_file (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  pool      INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
  path      TEXT NOT NULL,                          -- as it was given
  sha256    TEXT NOT NULL CHECK (length(sha256) = 64),
  bytes     INTEGER NOT NULL CHECK (bytes >= 0),
  added     TEXT NOT NULL,                          -- when it was last counted
  texts     INTEGER NOT NULL CHECK (texts >= 0),    -- captions in it, of all groups
  figures   TEXT NOT NULL CHECK (json_valid(figures)),
  problems  TEXT NOT NULL CHECK (json_valid(problems)), -- as in build
  UNIQUE (pool, sha256)
) STRICT;

-- The language labels of a file's texts and the group that each was counted under.
CREATE TABLE pool_label (
  file       INTEGER NOT NULL REFERENCES pool_file (id) ON DELETE CASCADE,
  label      TEXT NOT NULL,
  lid_group  TEXT NOT NULL,
  known      INTEGER NOT NULL CHECK (known IN (0, 1)), -- 0: the labelling scheme does not know the label
  texts      INTEGER NOT NULL CHECK (texts >= 0),
  PRIMARY KEY (file, label, lid_group)
) STRICT, WITHOUT ROWID;

-- What one file adds to the counts of a list, so that it can be taken back.
CREATE TABLE file_count (
  id       INTEGER PRIMARY KEY,
  file     INTEGER NOT NULL REFERENCES pool_file (id) ON DELETE CASCADE,
  list     INTEGER NOT NULL REFERENCES group_list (id),
  texts    INTEGER NOT NULL CHECK (texts >= 0),     -- texts that met the list
  matched  INTEGER NOT NULL CHECK (matched BETWEEN 0 AND texts), -- those of them that hold an entry
  matches  INTEGER NOT NULL CHECK (matches >= 0),   -- the sum of the counts
  counts   BLOB NOT NULL,                           -- deflated; src/store/sparse-counts.ts says how to read it
  UNIQUE (file, list)
) STRICT;
CREATE INDEX file_count_list ON file_count (list);

-- How many texts of a pool hold an entry: the sum over its files, without entries that none holds.
CREATE TABLE match_count (
  pool   INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
  list   INTEGER NOT NULL,                          -- as in file_count, which keeps it from being removed
  entry  INTEGER NOT NULL CHECK (entry >= 0),       -- id in the list
  count  INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (pool, list, entry)
) STRICT, WITHOUT ROWID;

-- A few captions that hold an entry: those whose hash is smallest.
CREATE TABLE sample (
  pool        INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
  list        INTEGER NOT NULL,                     -- as in file_count
  entry       INTEGER NOT NULL CHECK (entry >= 0),
  hash        INTEGER NOT NULL CHECK (hash >= 0),
  caption_id  TEXT NOT NULL,
  text        TEXT NOT NULL,
  file        INTEGER NOT NULL REFERENCES pool_file (id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX sample_hash ON sample (pool, list, entry, hash);
CREATE INDEX sample_file ON sample (file, list);

-- How far the captions of a pool that match a list are drawn: all of those with a smaller hash are in drawn_caption.
CREATE TABLE draw (
  pool   INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
  list   INTEGER NOT NULL,                          -- as in file_count
  below  INTEGER NOT NULL CHECK (below >= 0),       -- 2^53: all captions are drawn
  PRIMARY KEY (pool, list)
) STRICT, WITHOUT ROWID;

-- The captions drawn, as hashes; from the entries that they match is told what a threshold keeps of all.
CREATE TABLE drawn_caption (
  pool   INTEGER NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
  list   INTEGER NOT NULL,                          -- as in file_count
  hash   INTEGER NOT NULL CHECK (hash >= 0),
  file   INTEGER NOT NULL REFERENCES pool_file (id) ON DELETE CASCADE,
  times  INTEGER NOT NULL CHECK (times > 0),        -- captions of this hash in the file
  ids    BLOB NOT NULL,                             -- entries; src/store/sparse-counts.ts says how to read it
  PRIMARY KEY (pool, list, hash, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX drawn_caption_file ON drawn_caption (file, list);

-- The count from which on captions of an entry are thinned out, as last chosen for a list's counts in some pools.
CREATE TABLE threshold (
  id         INTEGER PRIMARY KEY,
  pools      TEXT NOT NULL CHECK (json_valid(pools)), -- their names, sorted
  list       INTEGER NOT NULL REFERENCES group_list (id) ON DELETE CASCADE,
  policy     TEXT NOT NULL,                         -- how t was chosen
  requested  REAL,                                  -- the tail's share of all counts that was asked for
  t          INTEGER NOT NULL CHECK (t >= 0),
  achieved   REAL,                                  -- the tail's share at t
  head       INTEGER NOT NULL CHECK (head >= 0),    -- entries with a count of t or more
  tail       INTEGER NOT NULL CHECK (tail >= 0),    -- entries with a count from 1 to below t
  zero       INTEGER NOT NULL CHECK (zero >= 0),    -- entries that no text holds
  total      INTEGER NOT NULL CHECK (total >= 0),   -- sum of the counts
  time       TEXT NOT NULL,
  stale      INTEGER NOT NULL CHECK (stale IN (0, 1)), -- 1: the counts have changed since
  UNIQUE (pools, list)
) STRICT;

CREATE VIEW group_list_readable AS
SELECT l.id, l.lid_group, l.scheme, l.profile, l.name, l.entries, l.made,
       NOT EXISTS (SELECT 1 FROM group_list_edition g
                    WHERE g.list = l.id
                      AND g.build IS NOT (SELECT b.id FROM build b
                                           WHERE b.edition = g.edition AND b.profile = l.profile AND b.current = 1)
                  ) AS current,
       (SELECT group_concat(edition || ': ' || build, '; ')
          FROM (SELECT edition, build FROM group_list_edition WHERE list = l.id AND build IS NOT NULL ORDER BY edition)
       ) AS builds
FROM group_list l;

CREATE VIEW pool_readable AS
SELECT p.name AS pool, p.created, count(f.id) AS files, ifnull(sum(f.texts), 0) AS texts,
       ifnull(sum(f.bytes), 0) AS bytes, max(f.added) AS added, p.settings
FROM pool p LEFT JOIN pool_file f ON f.pool = p.id
GROUP BY p.id;

CREATE VIEW pool_label_readable AS
SELECT p.name AS pool, l.label, l.lid_group, l.known, count(*) AS files, sum(l.texts) AS texts
FROM pool_label l JOIN pool_file f ON f.id = l.file JOIN pool p ON p.id = f.pool
GROUP BY p.id, l.label, l.lid_group, l.known;

CREATE VIEW file_count_readable AS
SELECT p.name AS pool, f.path, l.lid_group, l.scheme, l.profile, l.name AS list, c.texts, c.matched, c.matches
FROM file_count c JOIN pool_file f ON f.id = c.file JOIN pool p ON p.id = f.pool JOIN group_list l ON l.id = c.list;

-- The entries of group lists, those of one build and those of several alike.
CREATE VIEW group_entry_readable AS
SELECT l.id AS list, l.lid_group, l.scheme, l.profile, g.id, e.text, s.name AS source, g.build
FROM group_list l JOIN group_entry g ON g.list = l.id
  JOIN entry e ON e.build = g.build AND e.id = g.entry JOIN source s ON s.id = e.source
UNION ALL
SELECT l.id, l.lid_group, l.scheme, l.profile, e.id, e.text, s.name, e.build
FROM group_list l JOIN group_list_edition g ON g.list = l.id AND g.build IS NOT NULL
  JOIN entry e ON e.build = g.build JOIN source s ON s.id = e.source
WHERE (SELECT count(build) FROM group_list_edition WHERE list = l.id) = 1;

CREATE VIEW match_count_readable AS
SELECT p.name AS pool, e.lid_group, e.scheme, e.profile, m.list, m.entry, e.text, e.source, m.count
FROM match_count m JOIN pool p ON p.id = m.pool JOIN group_entry_readable e ON e.list = m.list AND e.id = m.entry;

CREATE VIEW sample_readable AS
SELECT p.name AS pool, e.lid_group, e.scheme, e.profile, m.list, m.entry, e.text AS entry_text,
       m.caption_id, m.text AS caption, f.path
FROM sample m JOIN pool p ON p.id = m.pool JOIN pool_file f ON f.id = m.file
  JOIN group_entry_readable e ON e.list = m.list AND e.id = m.entry;

CREATE VIEW threshold_readable AS
SELECT t.pools, l.lid_group, l.scheme, l.profile, l.name AS list, t.policy, t.requested, t.t, t.achieved,
       l.entries, t.head, t.tail, t.zero, t.total, t.time, t.stale
FROM threshold t JOIN group_list l ON l.id = t.list;
`;

/** Version 3: pairs that files of a pool brought first; what a pool has repeated. */
const REPEATS = `
-- Of pools that drop repeats: the pairs of an image's URL and a text that a file brought first, as hashes, so that a file
-- that is counted later drops what it repeats of them. src/dedup/pair-hash.ts says how they are made.
CREATE TABLE pool_pair (
  file    INTEGER NOT NULL REFERENCES pool_file (id) ON DELETE CASCADE,
  part    INTEGER NOT NULL CHECK (part >= 0),       -- from 0; the hashes of all parts ascend
  hashes  BLOB NOT NULL CHECK (length(hashes) % 8 = 0), -- 64 bits each, the lowest byte first
  PRIMARY KEY (file, part)
) STRICT;

DROP VIEW pool_readable;
CREATE VIEW pool_readable AS
SELECT p.name AS pool, p.created, count(f.id) AS files, ifnull(sum(f.texts), 0) AS texts,
       ifnull(json_extract(p.settings, '$.repeats'), 'kept') AS repeats,
       ifnull(sum(json_extract(f.figures, '$.repeated')), 0) AS repeated,
       ifnull(sum(f.bytes), 0) AS bytes, max(f.added) AS added, p.settings
FROM pool p LEFT JOIN pool_file f ON f.pool = p.id
GROUP BY p.id;
`;

/** Version 4: more flags, vocabularies among the inputs, an index of entries, jobs of the service. */
const SERVICE = `
INSERT INTO flag (bit, name, meaning) VALUES
  (16, 'language', 'more likely of another language than the edition''s'),
  (32, 'personal', 'looks like personal data: an e-mail address, or a number of a telephone, card, account or computer'),
  (64, 'vocabulary', 'holds a word of the vocabulary that the build was given');

CREATE TEMP TABLE old_input AS SELECT * FROM build_input;
DROP TABLE build_input;
CREATE TABLE build_input (
  build     INTEGER NOT NULL REFERENCES build (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL CHECK (position >= 0), -- order in which they were given
  kind      TEXT NOT NULL CHECK (kind IN ('dump', 'text', 'pageviews', 'wordnet', 'vocabulary')),
  path      TEXT NOT NULL,
  bytes     INTEGER CHECK (bytes >= 0),
  sha256    TEXT CHECK (length(sha256) = 64),
  licence   TEXT,                                   -- under which the source may be passed on
  name      TEXT,                                   -- what the source calls itself
  note      TEXT,
  PRIMARY KEY (build, position)
) STRICT, WITHOUT ROWID;
INSERT INTO build_input SELECT * FROM temp.old_input;
DROP TABLE temp.old_input;

-- What finds entries: where a character or a pair of them occurs in a part of a build's list, and which of its entries carry a
-- flag, hold letters of a script, come from a source or have a score. src/store/entry-grams.ts says how to read it; a build
-- without it is searched entry by entry.
CREATE TABLE entry_gram (
  build    INTEGER NOT NULL REFERENCES build (id) ON DELETE CASCADE,
  part     INTEGER NOT NULL CHECK (part >= 0),      -- of the list, in the order of ids
  gram     TEXT NOT NULL,
  entries  INTEGER NOT NULL CHECK (entries > 0),    -- how many of the part
  places   BLOB NOT NULL,
  PRIMARY KEY (build, part, gram)
) STRICT; -- with rowids: to find a row, SQLite reads long rows whole if they lie in the order of their keys

-- Work that was started over HTTP. None is running while no service is.
CREATE TABLE job (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  kind      TEXT NOT NULL CHECK (kind IN ('build', 'count', 'export')),
  request   TEXT NOT NULL CHECK (json_valid(request)), -- as it was asked for
  state     TEXT NOT NULL CHECK (state IN ('queued', 'running', 'resumable', 'done', 'failed', 'cancelled')),
  created   TEXT NOT NULL,
  started   TEXT,                                   -- the last time
  finished  TEXT,
  result    TEXT CHECK (json_valid(result)),        -- of one that is done: the reports of the command of that name
  error     TEXT                                    -- why it stopped
) STRICT;
`;

/** All changes since version 1, ascending; the last one's version is `SCHEMA_VERSION`. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 2, sql: POOLS },
  { version: 3, sql: REPEATS },
  { version: 4, sql: SERVICE },
];
