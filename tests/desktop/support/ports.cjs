// Runs inside the network namespace of an engine. By the Unix socket that is its argument, which no namespace
// bounds, it tells which ports are served on loopback or everywhere, and passes connections on to them.
const { readFileSync } = require("node:fs");
const { connect, createServer } = require("node:net");

const LISTENS = "0A";
const LOOPBACK = /^(0100007F|00000000|0{32}|0{24}0100007F|0{24}01000000)$/;

/** The TCP ports that are served there. */
function served() {
  const rows = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].flatMap((file) =>
    readFileSync(file, "utf8").trim().split("\n").slice(1),
  );
  const ports = rows.flatMap((row) => {
    const [, local = "", , state] = row.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    return state === LISTENS && LOOPBACK.test(address) ? [Number.parseInt(port, 16)] : [];
  });
  return [...new Set(ports)];
}

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("readable", () => {
    // The first two bytes are the port; 0 asks for the list.
    const head = socket.read(2);
    if (head === null) return socket.destroy();
    const port = head.readUInt16BE();
    if (port === 0) return socket.end(JSON.stringify(served()));
    const inside = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    inside.on("error", () => socket.destroy());
    socket.on("close", () => inside.destroy());
    inside.on("close", () => socket.destroy());
    return socket.pipe(inside).pipe(socket);
  });
}).listen(process.argv[2]);
