/* The kernels' door: what the host may call (`machine.ts`). */
import { define, extract, prepare, reset, textAddress } from "./extract.ts";
import { resolveReferences, scanPage } from "./pages.ts";

export { define, extract, prepare, reset, resolveReferences, scanPage, textAddress };
