// Sums a settlement report by kind with DuckDB: node duckdb.cjs FILE THREADS.
// Prints the microseconds of the query, and then a line for each kind: three words, rows, minor units.
const { DuckDBInstance } = require("@duckdb/node-api");

async function main([file, threads]) {
  const connection = await (await DuckDBInstance.create(":memory:", { threads })).connect();
  const start = process.hrtime.bigint();
  const result = await connection.runAndReadAll(`
    SELECT "transaction-type", "amount-type", "amount-description", count(*), CAST(sum(CAST(amount AS DECIMAL(18, 2))) * 100 AS BIGINT)
    FROM read_csv('${file}', delim = '\t', header = true, quote = '', escape = '', all_varchar = true)
    WHERE amount IS NOT NULL GROUP BY 1, 2, 3`);
  const rows = result.getRows();
  console.log(String((process.hrtime.bigint() - start) / 1000n));
  for (const row of rows) console.log(row.join("\t"));
}

main(process.argv.slice(2));
