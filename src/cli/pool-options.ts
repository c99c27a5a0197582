/** Options that say how the rows of pools are read. */
import { type Command, Option } from "commander";
import { POOL_FORMATS, type PoolFields, type PoolFormat } from "../sources/pool.ts";

export interface PoolOptions {
  readonly textField?: string;
  readonly idField?: string;
  readonly langField?: string;
  readonly urlField?: string;
  readonly lang?: string;
  readonly identify?: boolean;
  readonly keepRepeats?: boolean;
  readonly format?: PoolFormat;
}

/** `--text-field`, `--id-field` and `--format`, which has another name where a command writes a format of its own. */
export function addPoolOptions(command: Command, format: "--format" | "--input-format" = "--format"): Command {
  return command
    .option(
      "--text-field <name>",
      "field, or number of the column, of the text or texts (default: text, caption, alt …; of web archives " +
        "alt,title,data-image-title)",
    )
    .option("--id-field <name>", "that of the id (default: id, key …)")
    .addOption(new Option(`${format} <name>`, "format of the files (default: told by content)").choices(POOL_FORMATS));
}

/** `--lang-field`, `--url-field`, `--lang` and `--identify`. */
export function addMoreFieldOptions(command: Command): Command {
  return command
    .option("--lang-field <name>", "that of the language's label (default: lang, language …)")
    .option("--url-field <name>", "that of the image's URL (default: url, image_url …)")
    .option("--lang <label>", "label of captions that have none")
    .addOption(
      new Option(
        "--identify",
        "tell the language of every caption by its text, whatever labels the files have (default where they have none)",
      ).conflicts(["lang", "langField"]),
    );
}

/** `--keep-repeats`. */
export function addRepeatsOption(command: Command): Command {
  return command.option(
    "--keep-repeats",
    "keep texts that an earlier row has of the same image, told by its URL (default: they are dropped)",
  );
}

/** The fields that were named. */
export function fieldsOf({ textField, idField, langField, urlField }: Omit<PoolOptions, "format">): PoolFields {
  return { text: textField, id: idField, lang: langField, url: urlField };
}
