// Package docstest holds that the documents at the root say what is there: the code they show is compiled, the files and
// tests they name exist, and no package, program or command is left out. It has nothing but tests.
package docstest
