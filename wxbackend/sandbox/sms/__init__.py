"""Text messages: 移动云MAS (two accounts), Tencent Cloud and Aliyun, and their receipts."""
