/** What is in an image, as CycloneDX: the packages of each application, from its lock file. */
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";

/** A pinned package of requirements.txt, with the hashes that pip accepts. */
export interface Requirement {
  name: string;
  version: string;
  /** SHA-256, hex digits: one for each file of the package. */
  hashes: string[];
}

/** The packages of a requirements.txt that pip-compile has made. */
export function requirementsIn(text: string): Requirement[] {
  return text
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .flatMap((line) => {
      const [, name = "", version = ""] = /^([A-Za-z0-9._-]+)==([^\s;]+)/.exec(line) ?? [];
      if (name === "") return [];
      const hashes = [...line.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(
        ([, hash = ""]) => hash,
      );
      return [{ name, version, hashes }];
    });
}

/** The bill of materials of an application of Python, as JSON. */
export function pythonSbom(
  application: { name: string; version: string },
  requirements: readonly Requirement[],
): string {
  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, application.name, {
    version: application.version,
    bomRef: application.name,
  });
  for (const { name, version, hashes } of requirements) {
    const purl = `pkg:pypi/${name.toLowerCase()}@${version}`;
    const component = new Models.Component(Enums.ComponentType.Library, name, {
      ...{ version, purl, bomRef: purl },
      // One of several files is installed, from whichever index the machine has.
      externalReferences: new Models.ExternalReferenceRepository(
        hashes.map(
          (hash) =>
            new Models.ExternalReference(purl, Enums.ExternalReferenceType.Distribution, {
              hashes: new Models.HashDictionary([[Enums.HashAlgorithm["SHA-256"], hash]]),
            }),
        ),
      ),
    });
    bom.components.add(component);
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot5);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
}
