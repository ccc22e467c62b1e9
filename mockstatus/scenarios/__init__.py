"""What several requests in a row add up to: jobs, rate limits, credentials, resources that change. One module each.

They know requests, replies and clocks, as a user's own function would; a router makes their routes.
"""
