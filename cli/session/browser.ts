import { spawn } from "node:child_process";
import { which } from "../../tools/install";

/** Shows an address in the user's browser, where there is one to ask. */
export function openBrowser(address: string): void {
  const command = ["open", "wslview", "xdg-open"].find(
    (name) => (name !== "open" || process.platform === "darwin") && which(name),
  );
  const hasScreen =
    process.platform === "darwin" ||
    ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].some((name) => process.env[name]);
  if (command && hasScreen)
    spawn(command, [address], { detached: true, stdio: "ignore" })
      .on("error", () => undefined)
      .unref();
}
