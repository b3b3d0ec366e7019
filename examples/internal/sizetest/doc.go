// Package sizetest holds what the module costs a program that imports it: bytes, modules and requirements.
// It has nothing but tests.
package sizetest
