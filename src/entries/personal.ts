/**
 * What looks like personal data: e-mail addresses, numbers of telephones, payment cards and accounts, addresses of
 * computers. Years, dates, ISBNs, versions, coordinates and large numbers look alike; each rule asks for what they lack, so
 * that a bare run of digits is told only where a checksum backs it.
 */
import { isIPv6 } from "node:net";

/** What no personal data goes without: a digit or an at-sign. */
const HINT = /[\p{Nd}@]/u;
const OTHER_DIGIT = /[^\P{Nd}0-9]/gu;

/** True if a text, normalized, holds what looks like personal data; digits of any script count. */
export function holdsPersonalData(text: string): boolean {
  if (!HINT.test(text)) return false;
  const plain = text.replace(OTHER_DIGIT, valueOfDigit);
  return (
    holdsMailAddress(plain) ||
    holdsTelephoneNumber(plain) ||
    holdsCardNumber(plain) ||
    holdsAccountNumber(plain) ||
    holdsComputerAddress(plain)
  );
}

/** The ASCII digit of a decimal digit: Unicode encodes them from 0 to 9 in a row, so that runs of them are whole tens. */
function valueOfDigit(digit: string): string {
  const point = digit.codePointAt(0)!;
  let first = point;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((point - first) % 10);
}

/**
 * RFC 5321 (section 4.1.2: dot-string before the at-sign, 64 octets; names of hosts of labels of 63) with the letters
 * beyond ASCII of RFC 6531. The last label is letters alone or begins with `xn--`, as those of the root zone do, and is no
 * name of a format (`logo@2x.png`).
 */
const MAIL =
  /(?<![\p{L}\p{N}.])[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]{1,64}){0,9}@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.){1,9}(?!(?:avif|gif|html?|jpe?g|pdf|php|png|svg|tiff?|webp)(?![\p{L}\p{N}]))(?:xn--[a-z0-9-]{1,59}|[\p{L}\p{M}]{2,63})(?![\p{L}\p{N}])/iu;
/** What stays of an address where text is cut into words, at its full stops. */
const MAIL_WORD = /^[a-z0-9][\w+-]{1,63}@[a-z][a-z0-9-]{2,62}$/i;

function holdsMailAddress(text: string): boolean {
  return text.includes("@") && (MAIL_WORD.test(text) || MAIL.test(text));
}

/**
 * Numbers as ITU-T E.123 has them printed, of at most 15 digits (E.164): `+` or `00` and the code of a country; and as they are
 * printed within countries: an area code that begins with 0 or is in parentheses; those of North America (NANP: neither area nor
 * exchange begins with 0 or 1); mobile numbers of China (1, then 3 to 9, in groups of 3, 4 and 4).
 */
const INTERNATIONAL =
  /(?<![\p{L}\p{N}.,+=/_-]|\d )(?:\+|00(?=[1-9]))([1-9](?:[ .()/-]{0,3}\d){6,14})(?![\p{L}\d]|[.,]\d)/u;
const NATIONAL = [
  /(?<![\p{L}\p{N}.,+=/_-]|\d )(?=(?:\D?\d){9,12}(?!\D?\d))(?!0\d[./-](?:0\d|1[0-2])[./-](?:19|20)\d\d)0[1-9]\d{0,4}(?:[ ./-]\d{2,8}){1,4}(?![\p{L}\d])/u,
  /(?<![\p{L}\p{N}]|\d )(?=(?:\D{0,2}\d){9,12}(?!\D?\d))\((?:0\d{1,4}|[2-9]\d\d)\)[ -]?\d{2,4}(?:[ -]?\d{2,4}){1,3}(?![\p{L}\d])/u,
  /(?<![\p{L}\p{N}.,+=/_-]|\d )(?:1[ .-])?[2-9]\d\d([.-])[2-9]\d\d\1\d{4}(?![\p{L}\d]|[.-]\d)/u,
  /(?<![\p{L}\p{N}.,+=/_-]|\d )1[3-9]\d-\d{4}-\d{4}(?![\p{L}\d]|-\d)/u,
];

function holdsTelephoneNumber(text: string): boolean {
  const number = INTERNATIONAL.exec(text);
  if (number !== null && isInternational(number[0]!, number[1]!)) return true;
  return NATIONAL.some((pattern) => pattern.test(text));
}

/**
 * True unless the number is a decimal (+40.7127), or one in groups of three (+20 000 000); numbers of country code 1 and 7
 * have eleven digits (E.164), those of others here at least eight. Behind 00 there must be groups: it begins codes, too.
 */
function isInternational(whole: string, number: string): boolean {
  const digits = number.replace(/\D/g, "");
  if (/^[17]/.test(digits) ? digits.length !== 11 : digits.length < 8) return false;
  if (whole.startsWith("00") && !/\D/.test(number)) return false;
  return !/^\d+\.\d+$/.test(number) && !/^\d{1,3}(?:[ .]?000)+$/.test(number);
}

/**
 * ISO/IEC 7812: 13 to 19 digits, the last a check digit by Luhn's formula, here of issuers that print payment cards (American
 * Express 34 37, Diners Club 300–305 36 38 39, Discover 6011 644–649 65, JCB 3528–3589, Maestro, Mastercard 51–55 2221–2720,
 * Mir 2200–2204, UnionPay 62, Visa 4). EAN and ISBN-13 begin otherwise (978, 979) or are of 13 digits, which only old Visa
 * numbers have: these are told only in groups.
 */
const CARD =
  /(?<![\p{L}\p{N}.,+=/_-]|\d )\d{4}(?:([ -]?)\d{4}\1\d{4}(?:\1\d{1,7})?|[ -]\d{6}[ -]\d{4,5}|\d{9,15})(?![\p{L}\d]|[.,-]?\d)/gu;
const ISSUERS = [
  /^3[47]\d{13}$/,
  /^3(?:0[0-5]|[689]\d)\d{11}$/,
  /^35(?:2[89]|[3-8]\d)\d{12,15}$/,
  /^4\d{12}(?:\d{3}|\d{6})?$/,
  /^5[1-5]\d{14}$/,
  /^2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$/,
  /^220[0-4]\d{12}$/,
  /^(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}$/,
  /^6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}$/,
];

function holdsCardNumber(text: string): boolean {
  for (const [number] of text.matchAll(CARD)) {
    const digits = number.replace(/\D/g, "");
    if (digits.length === 13 && digits === number) continue;
    if (ISSUERS.some((issuer) => issuer.test(digits)) && hasLuhnDigit(digits)) return true;
  }
  return false;
}

/** ISO/IEC 7812-1, annex B: from the right every other digit doubled, the digits of all add up to a multiple of ten. */
function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    sum += at % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}

/** ISO 13616: a country, two check digits (ISO 7064, MOD 97-10), up to 30 letters and digits; printed in groups of four. */
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:( ?)[A-Z0-9]{4}){2,7}(?:\1[A-Z0-9]{1,4})?(?![\p{L}\p{N}])/gu;
/** The shortest IBAN of the registry is Norway's. */
const IBAN_LEAST = 15;
const IBAN_MOST = 34;

function holdsAccountNumber(text: string): boolean {
  for (const [match] of text.matchAll(IBAN)) {
    const iban = match.replaceAll(" ", "");
    if (iban.length >= IBAN_LEAST && iban.length <= IBAN_MOST && hasIbanDigits(iban)) return true;
  }
  return false;
}

function hasIbanDigits(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    for (const digit of String(Number.parseInt(character, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

/**
 * IPv4 (RFC 791) in dotted decimals of which one has three digits, since versions have none mostly; not behind a `v`. IPv6
 * (RFC 4291, section 2.2) of at least three groups.
 */
const IPV4 =
  /(?<![\p{L}\p{N}.,-])(?=[\d.]*\d{3})(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\p{L}\d]|[.,-]\d)/u;
const IPV6 = /(?<![\p{L}\p{N}:.])(?=[a-f:]*\d)[\da-f]{0,4}(?::{1,2}[\da-f]{1,4}){2,7}(?:::)?(?![\p{L}\p{N}:])/giu;

function holdsComputerAddress(text: string): boolean {
  if (IPV4.test(text)) return true;
  for (const [address] of text.matchAll(IPV6)) {
    if (isIPv6(address) && address.split(":").filter((group) => group !== "").length > 2) return true;
  }
  return false;
}
