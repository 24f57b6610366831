"""The WeChat platform: one Official Account, its API, its pages and its pushes."""
