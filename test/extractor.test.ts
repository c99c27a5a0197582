import { compileKernels } from "../scripts/build-kernels.ts";
import { startMachine } from "../src/kernels/machine.ts";
import { createFastExtractor } from "../src/text/fast.ts";
import { createWtfExtractor } from "../src/text/wtf.ts";
import { describeExtractor } from "./extractor-contract.ts";

describeExtractor("wtf extractor", createWtfExtractor);
describeExtractor("fast extractor", async () => createFastExtractor(startMachine(await compileKernels())));
describeExtractor("fast extractor, twin", () => createFastExtractor(startMachine("twin")));
