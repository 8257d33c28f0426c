// Answers each statement on standard input, one a line, with its rows as a line of JSON. The folder
// that holds DuckDB's package is the argument.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

async function main() {
  const { DuckDBInstance } = createRequire(process.argv[2] + "/")("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const statement of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    const answer = await connection.runAndReadAll(statement);
    console.log(JSON.stringify(answer.getRowObjectsJson()));
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
