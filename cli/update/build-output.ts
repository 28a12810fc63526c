/** What the build of an image says, in the form of the docker plugin or of BuildKit's plain progress. */

/** BuildKit's plain progress: "#7 [2/4] RUN …", "#7 1.2 a line", "#7 ERROR: …". */
const NUMBERED = /^#(\d+) (.*)$/;
const TIMED = /^\d+\.\d+ (.*)$/;
/** What BuildKit tells of its own work, not of the command that it runs. */
const NOISE =
  /^(sha256:|CACHED$|DONE |\.\.\.$|transferring |extracting |resolve |exporting |writing image |naming to |unpacking |preparing |sending |merging$)/;
/** What the plugin tells of its own work. */
const PLUGIN =
  /^(Starting Docker build|Built image with |Successfully tagged |Image built successfully|Pulling cached image |Pushing Image|\{"ID":)/;
/** Steps that no line of a Dockerfile asks for. */
const INTERNAL = /^(\[internal\]|copy \/context|exporting to |\[auth\])/;
/** The plugin names a step below its digest. */
const DIGEST = /^digest: sha256:/;
const KEPT_LINES = 200;
const LINES_TOLD = 12;

/** One step of a build. */
interface BuildStep {
  name: string;
  lines: string[];
  error?: string;
}

/** Listens to a build: names each step once, and remembers what the failing one has said. */
export class BuildOutput {
  /** By BuildKit's number where the form has one, else by the step's name. */
  private readonly steps = new Map<string, BuildStep>();
  /** Where lines go that nobody says the step of: the docker plugin hands on none. */
  private readonly unassigned: string[] = [];
  private isNumbered = false;

  /**
   * Takes in one message.
   * @returns the names of the steps that it is the first to tell of
   */
  see(text: string): string[] {
    const begun: string[] = [];
    let previous = "";
    let current: BuildStep | undefined;
    for (const line of text.split("\n")) {
      const [, number, rest = ""] = NUMBERED.exec(line) ?? [];
      if (number !== undefined) begun.push(...this.seeNumbered(number, rest));
      else if (DIGEST.test(previous)) {
        if (!this.steps.has(line)) {
          this.steps.set(line, { name: line, lines: [] });
          if (!INTERNAL.test(line)) begun.push(line);
        }
        current = this.steps.get(line);
      } else if (current && line.startsWith("error: ")) current.error = line;
      else if (!DIGEST.test(line) && !this.isNumbered) keep(this.unassigned, line);
      previous = line;
    }
    return begun;
  }

  private seeNumbered(number: string, text: string): string[] {
    this.isNumbered = true;
    const step = this.steps.get(number);
    if (!step) {
      this.steps.set(number, { name: text, lines: [] });
      return INTERNAL.test(text) ? [] : [text];
    }
    if (text.startsWith("ERROR: ")) step.error = text;
    else if (text !== step.name) keep(step.lines, TIMED.exec(text)?.[1] ?? text);
    return [];
  }

  /** The step that failed and the last that it said; of any step where it isn't known which. */
  get lastWords(): string[] {
    const failed = [...this.steps.values()].find(({ error }) => error !== undefined);
    const lines = this.isNumbered && failed ? failed.lines : this.unassigned;
    return [...(failed ? [failed.name] : []), ...lines.slice(-LINES_TOLD)];
  }
}

function keep(lines: string[], line: string): void {
  if (line.trim() === "" || NOISE.test(line) || PLUGIN.test(line)) return;
  lines.push(line.trimEnd());
  if (lines.length > KEPT_LINES) lines.shift();
}
