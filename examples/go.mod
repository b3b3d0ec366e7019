module github.com/ml-connector/amazon-vantagepoint/examples

go 1.26.0

require github.com/ml-connector/amazon-vantagepoint v0.0.0

replace github.com/ml-connector/amazon-vantagepoint => ../
