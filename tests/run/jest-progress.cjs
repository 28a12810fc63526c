// Jest's reporter that writes each test's begin and end at once, one JSON object a line, into the file
// TEST_PROGRESS_FILE: what a run that doesn't come to its end has shown, and where it hung.
const { appendFileSync } = require("node:fs");

module.exports = class Progress {
  onTestFileStart({ path }) {
    this.note({ file: path });
  }

  onTestCaseStart({ path }, { fullName }) {
    this.note({ file: path, begins: fullName });
  }

  onTestCaseResult({ path }, result) {
    const { fullName, status, duration, failureMessages } = result;
    this.note({ file: path, test: { fullName, status, duration, failureMessages } });
  }

  onTestFileResult({ path }) {
    this.note({ file: path, ended: true });
  }

  note(event) {
    const file = process.env.TEST_PROGRESS_FILE;
    if (file) appendFileSync(file, `${JSON.stringify(event)}\n`);
  }
};
