// Package sqllogtest holds the tests of booking/sqllog, here where its drivers
// are: conformance, crash matrices and killed processes on SQLite and
// PostgreSQL, and a race of processes on PostgreSQL.
package sqllogtest
