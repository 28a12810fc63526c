const { createServer } = require("node:http");

const server = createServer((request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(request.url === "/health" ? "ok\n" : `${process.env.GREETING}, world\n`);
});
server.listen(8080);
process.on("SIGTERM", () => server.close());
