// Runs npm's openapi-diff over pairs of documents: a JSON list of [old, new] on stdin, a JSON list of verdicts on stdout.
import { createRequire } from "node:module";

const openapiDiff = createRequire(`${process.cwd()}/`)("openapi-diff");

const text = await new Promise((resolve) => {
  let read = "";
  process.stdin.setEncoding("utf8").on("data", (part) => (read += part)).on("end", () => resolve(read));
});
const spec = (document, location) => ({
  content: JSON.stringify(document),
  location,
  format: document.swagger ? "swagger2" : "openapi3",
});
const verdicts = [];
for (const [source, destination] of JSON.parse(text)) {
  const began = performance.now();
  try {
    const found = await openapiDiff.diffSpecs({
      sourceSpec: spec(source, "old.json"),
      destinationSpec: spec(destination, "new.json"),
    });
    verdicts.push({
      breaking: (found.breakingDifferences ?? []).map((one) => one.code),
      other: [...found.nonBreakingDifferences, ...found.unclassifiedDifferences].map((one) => one.code),
      seconds: (performance.now() - began) / 1000,
    });
  } catch (error) {
    verdicts.push({ error: String(error.message ?? error).slice(0, 200), seconds: (performance.now() - began) / 1000 });
  }
}
console.log(JSON.stringify(verdicts));
