"""粤政易: WeCom for Guangdong's civil servants, behind the provincial gateway or plain."""
