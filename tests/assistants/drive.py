"""Drives `blindspot mcp` with the official Python client, from a first look to
a comparison, and prints all that it received, a line of JSON each.

usage: drive.py BLINDSPOT PROJECT        (tried with mcp 2.3.0)
"""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(program, project):
    server = StdioServerParameters(
        command=program, args=["mcp", project, "--accept-all-passing"]
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        print(hello.model_dump_json())
        tools = await session.list_tools()
        print(tools.model_dump_json())

        async def call(tool, **arguments):
            answer = await session.call_tool(tool, arguments)
            received = answer.model_dump(mode="json", by_alias=True)
            print(json.dumps(received))
            if received.get("isError"):
                sys.exit(f"{tool}: {received['content']}")
            return received["structuredContent"]

        seen = await call("look")
        spot = seen["blind_spots"][0]["blind_spot"]
        shown = await call("blind_spot", blind_spot=spot)
        assert len(shown["errors"]) > 3
        proposed = await call(
            "propose_hypotheses", blind_spot=spot, hypotheses=[{"text": "funny is praise"}]
        )
        words = ["hotel", "camera", "battery", "phone", "staff", "car", "night", "money"]
        samples = [
            {
                "text": f"positive funny {words[n % 8]} {words[n // 8]} {words[n // 5]}",
                "label": "positive",
                "hypothesis": proposed["hypotheses"][0],
            }
            for n in range(24)
        ]
        await call("propose_samples", blind_spot=spot, samples=samples)
        waiting = (await call("label_samples"))["to_label"]
        labels = [{"sample": one["sample"], "label": "positive"} for one in waiting]
        labelled = await call("label_samples", labels=labels)
        assert all(one["standing"] == "accepted" for one in labelled["samples"])
        await call("drafts")
        own = "lessons:" + seen["you_teach_as"]
        await call("retrain", seeds=1, arms=["base", own])
        await call("compare")


asyncio.run(main(*sys.argv[1:3]))
