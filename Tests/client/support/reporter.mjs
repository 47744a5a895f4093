// A reporter of node:test's: a line with name and failure for each test, which Tests/client/node_tests.py reads.

import { inspect } from "node:util";

export default async function* report(source) {
  for await (const { type, data } of source) {
    if ((type !== "test:pass" && type !== "test:fail") || data.nesting > 0) continue;
    const failure = type === "test:pass" ? null : describe(data.details.error);
    yield `##outcome ${JSON.stringify([data.name, failure])}\n`;
  }
}

function describe(error) {
  const cause = error?.cause ?? error;
  return inspect(cause, { depth: 6 }) || "failed";
}
