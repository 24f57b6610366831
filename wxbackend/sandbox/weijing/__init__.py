"""微警认证 v2: the identity check, its API and the page where a person is checked."""
