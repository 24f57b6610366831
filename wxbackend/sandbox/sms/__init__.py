"""Text messages: 移动云MAS (two accounts) and Tencent Cloud."""
