/**
 * Character references of HTML 4.01 (section 24) and `apos`: runs of names for code points that follow each other, each
 * after its first code point; `-` stands for a code point without a name.
 */
const NAMES: readonly (readonly [first: number, names: string])[] = [
  [34, "quot - - - amp apos"],
  [60, "lt - gt"],
  [
    160,
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro " +
      "para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil " +
      "Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave " +
      "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml " +
      "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml " +
      "yacute thorn yuml",
  ],
  [338, "OElig oelig"],
  [352, "Scaron scaron"],
  [376, "Yuml"],
  [402, "fnof"],
  [710, "circ"],
  [732, "tilde"],
  [
    913,
    "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi " +
      "Chi Psi Omega",
  ],
  [
    945,
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon " +
      "phi chi psi omega",
  ],
  [977, "thetasym upsih - - - piv"],
  [8194, "ensp emsp"],
  [8201, "thinsp - - zwnj zwj lrm rlm"],
  [8211, "ndash mdash - - - lsquo rsquo sbquo - ldquo rdquo bdquo - dagger Dagger bull - - - hellip"],
  [8240, "permil - prime Prime"],
  [8249, "lsaquo rsaquo - - - oline"],
  [8260, "frasl"],
  [8364, "euro"],
  [8465, "image"],
  [8472, "weierp"],
  [8476, "real"],
  [8482, "trade"],
  [8501, "alefsym"],
  [8592, "larr uarr rarr darr harr"],
  [8629, "crarr"],
  [8656, "lArr uArr rArr dArr hArr"],
  [8704, "forall - part exist - empty - nabla isin notin - ni - - - prod - sum minus - - - - lowast"],
  [8730, "radic - - prop infin - ang - - - - - - and or cap cup int"],
  [8756, "there4"],
  [8764, "sim"],
  [8773, "cong"],
  [8776, "asymp"],
  [8800, "ne equiv - - le ge"],
  [8834, "sub sup nsub - sube supe"],
  [8853, "oplus - otimes"],
  [8869, "perp"],
  [8901, "sdot"],
  [8968, "lceil rceil lfloor rfloor"],
  [9001, "lang rang"],
  [9674, "loz"],
  [9824, "spades - - clubs - hearts diams"],
];

const BY_NAME = createNames();

function createNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [first, run] of NAMES) {
    for (const [i, name] of run.split(" ").entries())
      if (name !== "-") names.set(name, String.fromCodePoint(first + i));
  }
  return names;
}

/** What browsers read in the numbers 128 to 159, which are no characters: Windows-1252 (HTML standard, section 13.2.5.80). */
export const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Names and, as `#128` to `#159`, the numbers that are read otherwise; what they stand for. */
export function listEntities(): [name: string, character: string][] {
  return [...BY_NAME, ...[...WINDOWS_1252].map((character, i): [string, string] => [`#${0x80 + i}`, character])];
}

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));/g;

/**
 * Replaces the character references of a text, once: `&amp;lt;` becomes `&lt;`.
 *
 * Names are those of HTML 4 and `apos`; a name or number that is none stays as it is. `write` gets each character and
 * gives what to write for it.
 */
export function decodeEntities(text: string, write: (character: string) => string = (character) => character): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
    const character =
      name !== undefined
        ? BY_NAME.get(name)
        : decodeNumber(decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number(decimal));
    return character === undefined ? whole : write(character);
  });
}

function decodeNumber(code: number): string | undefined {
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80];
  const isCharacter =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
