/** Checks requests against their schemas. */
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

interface Property {
  readonly type?: string;
  readonly items?: Property;
}

/** The value that a string of a query or path stands for; the string itself where it stands for none of the wanted type. */
function readValue(value: unknown, schema: Property): unknown {
  if (schema.type === "array")
    return (Array.isArray(value) ? value : [value]).map((one) => readValue(one, schema.items ?? {}));
  if (typeof value !== "string") return value;
  switch (schema.type) {
    case "integer":
      return /^-?\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case "number":
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
    case "boolean":
      return value === "true" ? true : value === "false" ? false : value;
    default:
      return value;
  }
}

const PARTS: Readonly<Record<string, string>> = {
  querystring: "the query",
  params: "the path",
  body: "the body",
  headers: "the headers",
};

/** Checks what a request brings; strings of its query and path become the values that they stand for, a body stays as it is. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = "body" }) => {
  const checker = Compile(schema);
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, Property>> };
  return (given) => {
    const value =
      httpPart === "body" || typeof given !== "object" || given === null
        ? given
        : Object.fromEntries(
            Object.entries(given as Record<string, unknown>).map(([name, one]) => [
              name,
              readValue(one, properties[name] ?? {}),
            ]),
          );
    if (checker.Check(value)) return { value };
    return { error: new Error(explain(checker.Errors(value), PARTS[httpPart] ?? httpPart, properties)) };
  };
};

interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function explain(faults: readonly Fault[], part: string, properties: Readonly<Record<string, unknown>>): string {
  const unknown = faults.find(({ keyword }) => keyword === "additionalProperties");
  if (unknown !== undefined) {
    const { additionalProperties = [] } = unknown.params as { readonly additionalProperties?: readonly string[] };
    const known = unknown.instancePath === "" ? `; it takes ${Object.keys(properties).join(", ") || "nothing"}` : "";
    const place = unknown.instancePath === "" ? part : `${unknown.instancePath.slice(1)} in ${part}`;
    return `${place} does not take ${additionalProperties.join(", ")}${known}`;
  }
  const [fault] = faults;
  if (fault === undefined) return `${part} is not as it must be`;
  const { allowedValues } = fault.params as { readonly allowedValues?: readonly unknown[] };
  const place = fault.instancePath === "" ? part : `${fault.instancePath.slice(1)} in ${part}`;
  return `${place} ${fault.message}${allowedValues === undefined ? "" : `: ${allowedValues.join(", ")}`}`;
}
