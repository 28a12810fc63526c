import { main } from "../main";
import { openSession } from "../session/session";

const NAMES = [
  "PATH",
  "PULUMI_HOME",
  "PULUMI_BACKEND_URL",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_LANGUAGE_NODEJS_RUN_PATH",
  "PULUMI_SKIP_UPDATE_CHECK",
  "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
];

main(
  "env",
  'Prints the exports with which plain pulumi, kubectl, helm and minikube work here: eval "$(npm run --silent env)"',
  {},
  async ({ stack }) => {
    const { pulumi } = await openSession(stack);
    for (const name of NAMES) {
      const value = pulumi.env[name];
      if (value !== undefined && value !== "")
        process.stdout.write(`export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
    }
    return 0;
  },
);
