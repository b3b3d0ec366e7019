package main

func Example() {
	main()
	// Output:
	// sellers.getAccount is free again in about 1m0s
}
