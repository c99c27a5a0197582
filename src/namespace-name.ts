/** A namespace's name as MediaWiki compares it: without marks of direction, with spaces, capitals or not. */
export function foldNamespace(name: string): string {
  return name
    .replace(/[\u200E\u200F]/g, "")
    .replace(/[\s_]+/g, " ")
    .trim()
    .toLowerCase();
}
