/**
 * Stands on an assistant's PATH as its shell: hands the command to the gate and gives back what it says.
 * Plain JavaScript without dependencies, so that it starts at once wherever it is copied to.
 */
const { connect } = require("node:net");

const [, , socket, program, ...args] = process.argv;
const connection = connect(socket);
let reply = "";
connection.setEncoding("utf8");
connection.on("data", (text) => {
  reply += text;
});
connection.on("error", (error) => {
  process.stderr.write(`the gate is closed: ${error.message}\n`);
  process.exitCode = 126;
});
connection.on("end", () => {
  const { stdout, stderr, code } = JSON.parse(reply);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
});
connection.end(JSON.stringify({ program, args }));
