import { createWtfExtractor } from "../src/text/wtf.ts";
import { describeExtractor } from "./extractor-contract.ts";

describeExtractor("wtf extractor", createWtfExtractor);
