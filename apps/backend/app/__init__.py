"""Back end of the Todo AI chatbot: REST, chat, agent and MCP server in one process."""
