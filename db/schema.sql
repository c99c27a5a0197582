-- The database of worldmeta, version 1: what was built for each Wikipedia edition, and what people said about it.
-- One file; open it with any SQLite browser. Start with the views entry_readable, build_readable and set_aside_readable.
-- Times are ISO 8601 in UTC. Columns named *_rank count from 1; an empty cell means "this source does not bring it".

-- The Wikipedia editions, copied from languages/ whenever the database is opened for writing.
CREATE TABLE edition (
  code       TEXT NOT NULL PRIMARY KEY,             -- 'en', 'zh_min_nan', 'be_tarask'
  tag        TEXT NOT NULL,                         -- BCP 47 language tag
  name       TEXT NOT NULL,                         -- English name of the language
  autonym    TEXT NOT NULL,                         -- its own name for itself
  script     TEXT NOT NULL,                         -- ISO 15924 code of the main script
  direction  TEXT NOT NULL CHECK (direction IN ('ltr', 'rtl')),
  lid_group  TEXT NOT NULL,                         -- the set of editions that captions of one language label meet
  closed     INTEGER NOT NULL CHECK (closed IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Where an entry can come from; the first source in this order that brings a string owns it.
CREATE TABLE source (
  id    INTEGER PRIMARY KEY,
  name  TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO source (id, name) VALUES
  (0, 'number'), (1, 'wordnet'), (2, 'unigram'), (3, 'bigram'), (4, 'title'), (5, 'review');

-- What makes an entry worth a second look; entry.flags is the sum of the bits that hold.
CREATE TABLE flag (
  bit      INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  meaning  TEXT NOT NULL
) STRICT;
INSERT INTO flag (bit, name, meaning) VALUES
  (1, 'script', 'letters of another script than the edition''s'),
  (2, 'markup', 'residue of wikitext, HTML or URLs'),
  (4, 'single', 'a single code point'),
  (8, 'fold', 'differs from an earlier entry only by case, marks or width');

-- One finished list of one edition. Builds are never changed, only replaced as the current one and later pruned.
CREATE TABLE build (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  edition      TEXT NOT NULL REFERENCES edition (code),
  profile      TEXT NOT NULL CHECK (profile IN ('corrected', 'reference')),
  fingerprint  TEXT NOT NULL,                       -- of inputs, settings and versions: the same gives the same list
  started      TEXT NOT NULL,
  finished     TEXT NOT NULL,
  version      TEXT NOT NULL,                       -- of worldmeta
  settings     TEXT NOT NULL CHECK (json_valid(settings)),
  figures      TEXT NOT NULL CHECK (json_valid(figures)),
  problems     TEXT NOT NULL CHECK (json_valid(problems)), -- [{"code","count","samples"}]: faults of the data, survived
  current      INTEGER NOT NULL CHECK (current IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX build_current ON build (edition, profile) WHERE current = 1;
CREATE INDEX build_edition ON build (edition, profile, id);

-- The files that a build was made from.
CREATE TABLE build_input (
  build     INTEGER NOT NULL REFERENCES build (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL CHECK (position >= 0), -- order in which they were given
  kind      TEXT NOT NULL CHECK (kind IN ('dump', 'text', 'pageviews', 'wordnet')),
  path      TEXT NOT NULL,
  bytes     INTEGER CHECK (bytes >= 0),
  sha256    TEXT CHECK (length(sha256) = 64),
  licence   TEXT,                                   -- under which the source may be passed on
  name      TEXT,                                   -- what the source calls itself
  note      TEXT,
  PRIMARY KEY (build, position)
) STRICT, WITHOUT ROWID;

-- The lists: one row per matchable string.
CREATE TABLE entry (
  build         INTEGER NOT NULL REFERENCES build (id) ON DELETE CASCADE,
  id            INTEGER NOT NULL CHECK (id >= 0),   -- position in the list
  text          TEXT NOT NULL,
  source        INTEGER NOT NULL REFERENCES source (id), -- the source that owns it
  wordnet_rank  INTEGER CHECK (wordnet_rank > 0),
  count         INTEGER CHECK (count >= 0),         -- occurrences of the word in the edition's text
  unigram_rank  INTEGER CHECK (unigram_rank > 0),
  pair_count    INTEGER CHECK (pair_count >= 0),    -- occurrences of the two words side by side
  pmi           REAL,                               -- pointwise mutual information, in bits
  npmi          REAL,                               -- the same as a share of the most possible, at most 1
  bigram_rank   INTEGER CHECK (bigram_rank > 0),
  views         INTEGER CHECK (views >= 0),         -- page views of the article of this title
  title_rank    INTEGER CHECK (title_rank > 0),
  flags         INTEGER NOT NULL DEFAULT 0 CHECK (flags >= 0), -- sum of flag.bit
  PRIMARY KEY (build, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entry_text ON entry (build, text);

-- Candidates that their source would have brought and that are not in the list, with the reason.
CREATE TABLE set_aside (
  build   INTEGER NOT NULL REFERENCES build (id) ON DELETE CASCADE,
  text    TEXT NOT NULL,
  source  INTEGER NOT NULL REFERENCES source (id),
  reason  TEXT NOT NULL CHECK (reason IN ('unmatchable', 'long', 'punctuation', 'denied', 'junk')),
  PRIMARY KEY (build, text, source, reason)
) STRICT, WITHOUT ROWID;

-- What people decided about single strings; every later build of the edition follows it.
CREATE TABLE review (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  edition      TEXT NOT NULL REFERENCES edition (code),
  text         TEXT NOT NULL CHECK (text <> ''),
  verdict      TEXT NOT NULL CHECK (verdict IN ('allow', 'deny')),
  reason       TEXT NOT NULL,
  reviewer     TEXT NOT NULL,
  time         TEXT NOT NULL,
  undone_time  TEXT,                                -- empty: the review holds, unless a later one of the same text does
  undone_by    TEXT,
  CHECK ((undone_time IS NULL) = (undone_by IS NULL))
) STRICT;
CREATE INDEX review_edition ON review (edition, text, id);

-- The lists with names instead of numbers.
CREATE VIEW entry_readable AS
SELECT b.edition, b.profile, b.current, e.build, e.id, e.text, s.name AS source,
       e.wordnet_rank, e.count, e.unigram_rank, e.pair_count, e.pmi, e.npmi, e.bigram_rank, e.views, e.title_rank,
       (SELECT group_concat(name, ' ') FROM (SELECT name FROM flag WHERE e.flags & bit ORDER BY bit)) AS flags
FROM entry e JOIN build b ON b.id = e.build JOIN source s ON s.id = e.source;

CREATE VIEW set_aside_readable AS
SELECT b.edition, b.profile, b.current, a.build, a.text, s.name AS source, a.reason
FROM set_aside a JOIN build b ON b.id = a.build JOIN source s ON s.id = a.source;

CREATE VIEW build_readable AS
SELECT b.id, b.edition, d.name AS language, b.profile, b.current, b.started, b.finished, b.version,
       (SELECT count(*) FROM entry e WHERE e.build = b.id) AS entries,
       (SELECT group_concat(file, '; ')
          FROM (SELECT kind || ': ' || path AS file FROM build_input WHERE build = b.id ORDER BY position)) AS inputs
FROM build b JOIN edition d ON d.code = b.edition;
