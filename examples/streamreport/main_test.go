package main

func Example() {
	main()
	// Output:
	// advertising                  -22.37
	// facilitator_tax              -55.27
	// fulfilment_fee              -128.59
	// inbound                     -630.07
	// other                         -9.19
	// principal                    672.72
	// promotion                     -1.80
	// referral_fee                -101.78
	// reserve_previous              13.25
	// shipping                      18.10
	// tax                           55.27
	// = 24464705681               -189.73 USD
}
