/** Editions in which an apostrophe between letters parts two words; elsewhere (o'zbek, п'ять, rock'n'roll) it does not. */
import { type ApostropheRule, NO_CLITICS } from "./boundary.ts";
import type { Edition } from "./define.ts";

function clitics(proclitics: string, enclitics = ""): ApostropheRule {
  const words = (list: string) => new Set(list.split(" ").filter((word) => word !== ""));
  return { proclitics: words(proclitics), enclitics: words(enclitics) };
}

/** English: the possessive. Contractions (don't, I'm) stay one word. */
const ENGLISH = clitics("", "s");
/**
 * French: the words that the spelling elides before a vowel (Grevisse, Le bon usage, § 44); a list, since aujourd'hui,
 * quelqu'un and prud'homme are one word.
 */
const FRENCH = clitics("c d j l m n s t qu jusqu lorsqu puisqu quoiqu");
/** Italian: articles, prepositions with article, pronouns, adjectives, numerals that elide (Serianni, Grammatica, I.32-43). */
const ITALIAN = clitics(
  "l un d c m t s v n gl ch all dall dell nell sull coll pell quell quest bell sant grand buon nessun ciascun " +
    "qualcun alcun tutt mezz senz anch com dov cos quant quand tropp pover nient sott contr vent trent quarant " +
    "cinquant sessant settant ottant novant",
);
/** Catalan: proclitic articles and pronouns; pronouns also lean on a verb before them ('n, 'ns, 'l, 'ls, 'm, 't). */
const CATALAN = clitics("l d s m t n", "l ls m n ns s t us");
/** Occitan: as Catalan, with que and its compounds; Gascon pronouns lean on que and on verbs (que'm, te'n). */
const OCCITAN = clitics("l d m n s t c j qu quauqu pr ns vs", "l ls m n ns s t u us vs i ac");
/**
 * Piedmontese, Lombard, Ligurian, Venetian, Corsican, Sicilian, Friulian, Aragonese, Romansh and others: the same elided
 * words; in some the article also leans on the word before (Venetian inte'l, Romansh cha'ls).
 */
const ROMANCE = clitics("l ł d un c ch m t s n j v z qu gh gn nd ind cum st dl tl all dall dell nell sull", "l ls");
/** Asturian: elided articles and prepositions; the article also leans on the word before (pa'l). */
const ASTURIAN = clitics("d l m n p qu s t", "l");
/** Welsh: the article and pronouns that lose their vowel ('r, 'n, 'i, 'u, 'w, 'ch, 'm, 'th) lean on the word before. */
const WELSH = clitics("", "r n i u w ch m th");
/** Cornish: the article ('n), pronouns and demonstratives ('ma, 'na) lean on the word before. */
const CORNISH = clitics("", "n m s th w ma na ta");
/** Breton: d', n', m' before a vowel, and 'z after ma. The letter c'h stays in its word. */
const BRETON = clitics("d n m", "z");
/** Irish and Scottish Gaelic: b', mb', d', dh', m' and th' before a vowel or fh. */
const GAELIC = clitics("b mb d dh m th");
/** Manx: t', v' and other verbs before a vowel; the article 'n leans on the word before (ta'n). */
const MANX = clitics("t v b d", "n");
/** Dutch and Afrikaans: the plural and genitive 's (auto's, foto's). */
const DUTCH = clitics("", "s");
/** West Frisian: it leans on conjunctions and pronouns (dy't, dêr't). */
const FRISIAN = clitics("", "s t");
/** Low German: den and dat lean on prepositions (in'n, an't). */
const LOW_GERMAN = clitics("", "n t");
/** Luxembourgish and Alemannic: the articles d' and s' before any sound, and z' (to). */
const LUXEMBOURGISH = clitics("d z");
const ALEMANNIC = clitics("d s z");
/** Maltese: the prepositions f', b' and m', and x' (what). */
const MALTESE = clitics("b f m x");
/** Albanian: të and s' before a vowel (t'i, s'ka). */
const ALBANIAN = clitics("t s");
/** Danish, Estonian, Polish, Kurmanji: endings after abbreviations and foreign names (MWP'er, Flake'i, Kelly'ego). */
const DANISH = clitics("", "s er en et ere erne ernes ens");
const ESTONIAN = clitics("", "i is ist s sse st se l le lt ni ga ks ta");
const POLISH = clitics("", "a ego em emu im ie owi u y");
const KURMANJI = clitics("", "a e ê î ya ye yê yî yên ên");
/** Turkish: inflectional endings after proper names (Ankara'da) follow an apostrophe; the name is a word of its own. */
const TURKISH = clitics(
  "",
  "a e ı i u ü ya ye yı yi yu yü na ne nı ni nu nü da de ta te dan den tan ten nda nde ndan nden ın in un ün nın nin " +
    "nun nün la le yla yle daki deki taki teki ndaki ndeki lar ler ları leri ların lerin larda lerde lara lere dır dir " +
    "dur dür tır tir tur tür ydı ydi ki sı si su sü sını sini sının sinin sında sinde lı li lu lü lık lik lılar liler " +
    "ca ce ça çe dı di tı ti",
);
/** Malagasy: prepositions and nouns whose last vowel falls before an article or pronoun (amin'ny, an'ilay). */
const MALAGASY = clitics(
  "amin an tamin anatin hatramin taorian nataon ataon isan maherin anisan akaikin andrefan atsinanan avaratr atsimon " +
    "karazan anaran ho hitan nosamborin nambaran tompon filohan ankamaroan",
);
/** Kinyarwanda and Kirundi: na, nka, ya, wa, cya, rya, bya, bwa … before a vowel. */
const RWANDA = clitics("n nk y w b by bw cy ry rw vy mw z iby k kw tw h");
/** Ganda: the same; ng' is a letter and stays in its word. */
const GANDA = clitics("n y w b by bw ky gy ly lw gw kw z g k ab olw ow ogw obw ey eby eky ez ery egy");
/** Chewa: the locative m'. */
const CHEWA = clitics("m");
/** Bambara: ka, ni, ye and other particles before a vowel. */
const BAMBARA = clitics("k n b d t y");
/** Igbo: na before a vowel. */
const IGBO = clitics("n");
/** Tagalog: ay and at lean on the word before (siya'y, isa't). */
const TAGALOG = clitics("", "y t");
/** Ido: the article l'. */
const IDO = clitics("l");
/** Korean has no apostrophe: between letters it closes a quotation that a particle follows (‘법’을). */
const KOREAN: ApostropheRule = { ...NO_CLITICS, isQuote: true };

const RULES: Readonly<Record<string, ApostropheRule>> = {
  ...{ en: ENGLISH, simple: ENGLISH, sco: ENGLISH },
  ...{ fr: FRENCH, frp: FRENCH, pcd: FRENCH, nrm: FRENCH, wa: FRENCH },
  ...{ it: ITALIAN, ca: CATALAN, oc: OCCITAN, ast: ASTURIAN },
  ...{ pms: ROMANCE, lmo: ROMANCE, lij: ROMANCE, vec: ROMANCE, co: ROMANCE, scn: ROMANCE, fur: ROMANCE, an: ROMANCE },
  ...{ eml: ROMANCE, nap: ROMANCE, roa_tara: ROMANCE, lad: ROMANCE, sc: ROMANCE, rm: ROMANCE, lld: ROMANCE },
  ...{ cy: WELSH, kw: CORNISH, br: BRETON, ga: GAELIC, gd: GAELIC, gv: MANX },
  ...{ nl: DUTCH, af: DUTCH, fy: FRISIAN, nds: LOW_GERMAN, lb: LUXEMBOURGISH, als: ALEMANNIC, da: DANISH },
  ...{ mt: MALTESE, sq: ALBANIAN, et: ESTONIAN, pl: POLISH, ku: KURMANJI, tr: TURKISH, ko: KOREAN },
  ...{ mg: MALAGASY, rw: RWANDA, rn: RWANDA, lg: GANDA, ny: CHEWA, bm: BAMBARA, ig: IGBO, tl: TAGALOG, io: IDO },
};

/** The apostrophe rule of an edition. */
export function apostropheRuleOf(edition: Pick<Edition, "code">): ApostropheRule {
  return RULES[edition.code] ?? NO_CLITICS;
}
