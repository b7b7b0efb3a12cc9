"""The public window: pages that anybody reads without a login, in Chinese and English, served or published as files."""
