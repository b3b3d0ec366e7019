// Package vantagepointtest is a Deltek Vantagepoint tenant for tests and demos. It is written from Deltek's published pages
// and samples, apart from the client in package vantagepoint, so that one mistake cannot pass both.
//
//	tenant, err := vantagepointtest.New(vantagepointtest.Options{})
//	baseURL, stop, err := tenant.Start()   // a real server on the loopback interface
//	transport := tenant.Transport()        // or in memory, for testing/synctest, with tenant.BaseURL()
package vantagepointtest
