/* The kernels' door: what the host may call (`machine.ts`). */
import { define, extract, prepare, reset, textAddress } from "./extract.ts";

export { define, extract, prepare, reset, textAddress };
