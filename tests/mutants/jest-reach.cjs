/** Writes which statements each test file ran, for a run with `--coverage`: what `reach.ts` reads. */
const { relative } = require("node:path");
const { writeFileSync } = require("node:fs");
const { createCoverageMap } = require("istanbul-lib-coverage");
const { createSourceMapStore } = require("istanbul-lib-source-maps");

module.exports = class Reach {
  constructor({ rootDir }) {
    this.root = rootDir;
    this.files = {};
    this.pending = [];
  }

  onTestFileResult({ path }, { coverage }) {
    if (coverage) this.pending.push(this.add(relative(this.root, path), coverage));
  }

  async add(test, coverage) {
    // Jest hands over places of the transpiled text.
    const map = await createSourceMapStore().transformCoverage(createCoverageMap(coverage));
    for (const source of map.files()) {
      const { statementMap, s: counts } = map.fileCoverageFor(source).data;
      this.files[relative(this.root, source)] ??= {};
      const statements = this.files[relative(this.root, source)];
      for (const [id, { start, end }] of Object.entries(statementMap)) {
        const place = [start.line, start.column, end.line, end.column].join(":");
        statements[place] ??= [];
        if (counts[id] > 0) statements[place].push(test);
      }
    }
  }

  async onRunComplete() {
    await Promise.all(this.pending);
    const file = process.env.TEST_REACH_FILE;
    if (file) writeFileSync(file, JSON.stringify(this.files));
  }
};
