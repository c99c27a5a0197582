/** What happens when a person or the system stops the process. */
import { removeTracked } from "./temporary.ts";

/** Remove what is temporary when the process ends, and end it when it is stopped; to be called once. */
export function cleanUpWhenStopped(): void {
  process.on("exit", removeTracked);
  // Each with the status that a shell gives to a process that the signal has ended.
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  process.on("SIGHUP", () => process.exit(129));
}
