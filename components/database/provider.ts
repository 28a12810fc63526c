import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { UserError } from "../../common/errors";
import { networkOf } from "../minikube/profile";
import { databasePasswordFile } from "../record/state-folder";
import { told } from "../runtime/told";
import {
  checkOwner,
  claim,
  type DatabaseSpec,
  ensureDatabase,
  findDatabase,
  isAsSpecified,
  legacyPassword,
  removeDatabase,
} from "./container";

/** Variable that makes a destroy take the data away too; `npm run destroy -- --delete-data` sets it. */
export const DELETE_DATA_VARIABLE = "TODO_APP_DELETE_DATA";

const PASSWORD_BYTES = 24;

interface Inputs {
  stack: string;
  name: string;
  /** Minikube profile whose nodes reach it. */
  profile: string;
  port: number;
}

interface State extends Inputs {
  password: string;
}

/** A database on this machine, and on the Docker network of a Minikube profile. */
export const provider: dynamic.ResourceProvider<Inputs, State> = {
  diff: (id, olds, news) => told(() => compare(id, olds, news)),
  create: (inputs) => told(() => make(inputs)),
  update: (id, olds, news) => told(() => change(id, olds, news)),
  read: (id, state) => told(() => look(id, state as State)),
  delete: (id, state) => told(() => remove(id, state)),
};

async function compare(id: string, olds: State, news: Inputs): Promise<dynamic.DiffResult> {
  const spec = specOf(news);
  const found = await findDatabase(news.name);
  checkOwner(found, spec, id);
  const moved = olds.name !== news.name;
  if (moved && (await findDatabase(olds.name)).hasVolume) throw renamed(olds, news);
  const changed = olds.port !== news.port || olds.profile !== news.profile;
  return {
    changes: moved || changed || !isAsSpecified(found, spec),
    ...(moved ? { replaces: ["name"], deleteBeforeReplace: true } : {}),
  };
}

/** The database goes by the stack's name: under another one it would begin empty. */
function renamed(olds: Inputs, news: Inputs): UserError {
  return new UserError({
    what: `stack "${olds.stack}" is called "${news.stack}" now, and its database isn't`,
    why: `the data lies in the volume ${olds.name}; an update would go on with an empty ${news.name}`,
    next: `pulumi stack rename ${olds.stack} --stack ${news.stack} goes back; to do without the data: docker rm --force ${olds.name} && docker volume rm ${olds.name}`,
  });
}

async function make(inputs: Inputs): Promise<dynamic.CreateResult<State>> {
  const file = databasePasswordFile(inputs.stack);
  const spec = specOf(inputs);
  const { owner } = await claim(spec, file);
  const password = legacyPassword(file) ?? randomBytes(PASSWORD_BYTES).toString("base64url");
  await ensureDatabase(spec, owner, password);
  return { id: owner, outs: { ...inputs, password } };
}

async function change(id: string, olds: State, news: Inputs): Promise<dynamic.UpdateResult<State>> {
  const spec = specOf(news);
  checkOwner(await findDatabase(news.name), spec, id);
  await ensureDatabase(spec, id, olds.password);
  return { outs: { ...news, password: olds.password } };
}

/** What is gone with its data is no more; what was stopped or lost its container, the next update puts right. */
async function look(id: string, props: State): Promise<dynamic.ReadResult<State>> {
  const found = await findDatabase(props.name);
  return found.status === undefined && !found.hasVolume
    ? ({} as dynamic.ReadResult<State>)
    : { id, props };
}

async function remove(id: string, { name, stack }: State): Promise<void> {
  checkOwner(await findDatabase(name), { name, stack }, id);
  await removeDatabase(name, Boolean(process.env[DELETE_DATA_VARIABLE]));
}

function specOf({ stack, name, profile, port }: Inputs): DatabaseSpec {
  return { stack, name, network: networkOf(profile), port };
}
