import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lacksPackages, OFFLINE, VENV } from "./python.ts";
import { makePlace, startService, TOKEN } from "./service-fixture.ts";

/** What an answer is held against; left out is that all valid requests succeed: parameters can exclude each other. */
const CHECKS = [
  ...["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"],
  ...["response_schema_conformance", "negative_data_rejection", "unsupported_method"],
];

describe.skipIf(lacksPackages("schemathesis"))("the OpenAPI document", () => {
  it("holds for whatever is asked: no fault of the service, no answer outside its schema", async () => {
    const place = makePlace();
    const service = await startService(place);
    try {
      const child = spawn(
        `${VENV}bin/schemathesis`,
        [
          ...["run", `${service.url}/openapi.json`, "--header", `Authorization: Bearer ${TOKEN}`, "--seed", "1"],
          ...["--max-examples", "10", "--phases", "examples,coverage,fuzzing", "--checks", CHECKS.join(",")],
          // Events of a job that runs end with it.
          ...["--exclude-operation-id", "watchJob", "--no-color"],
        ],
        { cwd: place.folder, env: OFFLINE },
      );
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text) => (output += text));
      const [status] = (await once(child, "close")) as [number];
      const tested = Number(/(\d+) generated/.exec(output)?.[1] ?? 0);
      expect(status, output.slice(0, 3000)).toBe(0);
      expect(tested).toBeGreaterThan(500);
      expect(service.lines.filter((line) => line.startsWith("{"))).toEqual([]);
    } finally {
      await service.stop();
      rmSync(place.folder, { recursive: true });
    }
  });
});
