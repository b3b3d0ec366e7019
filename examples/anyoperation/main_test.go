package main

func Example() {
	main()
	// Output:
	// Amazon: [{productReviewAndSellerFeedback}]
	// Vantagepoint: receivables 111.00 payables 201.00
}
