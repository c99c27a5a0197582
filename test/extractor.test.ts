import { compileKernels } from "../scripts/build-kernels.ts";
import { createFastExtractor } from "../src/text/fast.ts";
import { createWtfExtractor } from "../src/text/wtf.ts";
import { describeExtractor } from "./extractor-contract.ts";

describeExtractor("wtf extractor", createWtfExtractor);
describeExtractor("fast extractor", async () => createFastExtractor({ kernels: await compileKernels() }));
describeExtractor("fast extractor, twin", () => createFastExtractor({ kernels: "twin" }));
